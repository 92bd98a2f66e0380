/** What an agents recipe's folder calls its file; it says all that a template says, so that none is needed. */
export const AGENTS_FILE = 'agents.yaml';

/** The functions of a recipe's own that its agents may call. */
export const TOOLS_FILE = 'tools.py';
