/** Which functions a Python file defines: found by reading. Nothing of it is run, or even given to an interpreter. */

const DEFINITION = /^(?:async[ \t]+)?def[ \t]+([A-Za-z_]\w*)[ \t]*\(/gm;

/** Names of the functions at its top level; what it only imports is not among them. */
export function definedIn(source: string): string[] {
  return [...new Set([...withoutTexts(source).matchAll(DEFINITION)].map(([, name = '']) => name))];
}

/** Without the long texts in which something may only look like a definition. */
const withoutTexts = (source: string): string => source.replace(/("""|''')[\s\S]*?(?:\1|$)/g, '""');
