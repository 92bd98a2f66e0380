/** The Claude Agent SDK, with a stand-in for the program that it starts. */
import { query } from '@anthropic-ai/claude-agent-sdk';
import { defineAgent } from 'offstage';

const { PROJECT } = process.env;

export default defineAgent({
  name: 'payer',
  create: () => ({
    query,
    options: { pathToClaudeCodeExecutable: `${PROJECT}/../claude-stand-in.mjs`, env: { ...process.env, PROJECT } },
  }),
});
