/** What an `agents.yaml` says, checked: who the agents are, and what they do one after the other. */
import type { FieldPlace, OwnFacts } from '../../ports/program.ts';
import type { Condition } from './condition.ts';

/** One agent. */
export interface AgentSpec {
  /** The key that it stands under, by which steps name it. */
  name: string;
  role: string;
  goal: string;
  backstory: string;
  instructions: string;
  /** The model that its author meant; undefined where he named none. */
  llm: string | undefined;
  /** Names of tools, as they are written. */
  tools: readonly string[];
  /** Whether the first call must use a tool. */
  toolChoice: 'auto' | 'required' | 'none' | undefined;
  /** Tokens of one completion at most. */
  maxTokens: number | undefined;
  temperature: number | undefined;
}

/** What of a step is the same whatever it does. */
interface StepFacts {
  /** Its place among the steps, from 1, with its name: the beginning of the keys of what it stores. */
  key: string;
  /** Undefined where it has none. */
  name: string | undefined;
  /** It is left out where this does not hold. */
  condition: Condition | undefined;
}

/** An agent is told to do something. */
export interface AgentStep extends StepFacts {
  kind: 'agent';
  agent: string;
  action: string;
  expectedOutput: string;
  /** A further name of what it gives. */
  outputVariable: string | undefined;
  /** JSON Schema of what it gives; undefined: a text. */
  outputJson: unknown;
  /** A path to write what it gives to. */
  outputFile: string | undefined;
}

/** Another recipe's steps. */
export interface IncludeStep extends StepFacts {
  kind: 'include';
  recipe: string;
}

/** Steps for each of a list. */
export interface LoopStep extends StepFacts {
  kind: 'loop';
  /** The path of the list. */
  over: string;
  /** Items at once. */
  workers: number;
  outputVariable: string | undefined;
  steps: readonly AgentStep[];
}

export type Step = AgentStep | IncludeStep | LoopStep;

/** A whole file. */
export interface AgentsPlan {
  agents: ReadonlyMap<string, AgentSpec>;
  steps: readonly Step[];
  /** Values that an input may replace. */
  variables: Readonly<Record<string, unknown>>;
  /** What stands for an input that is not given. */
  input: string | undefined;
  about: AgentsAbout;
  /** Bounds of what tools tell a model, in tokens. */
  limits: ToolLimits;
  /** `{name}` is filled, too, for these names. */
  singleBraces: readonly string[];
  /** What is written and has no effect. */
  warnings: readonly string[];
  /** Where the tools of an agent stand. */
  places(agent: string): FieldPlace | undefined;
}

/** What a file says about itself. */
export interface AgentsAbout extends OwnFacts {
  /** Inputs that must be given. */
  variables: readonly string[];
}

export interface ToolLimits {
  /** Of any tool. */
  all: number | undefined;
  /** By the tool's name. */
  byTool: Readonly<Record<string, number>>;
}
