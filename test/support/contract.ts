import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from './repository.ts';

/** The documents' endpoints as data, kept outside of the repository. */
export const contractFolder =
  process.env.OPENBELL_CONTRACTS ?? join(repositoryRoot, '../shared/contract');
/** `false`, or why the tests of the contract cannot run. */
export const skipContract: string | false = existsSync(join(contractFolder, 'shapes.mjs'))
  ? false
  : `no contract at ${contractFolder}; set OPENBELL_CONTRACTS`;

export interface ContractEndpoint {
  readonly id: string;
  readonly method: string | null;
  readonly path: string;
  readonly auth: string | null;
  readonly exampleRequest: string;
  readonly requestExample: unknown;
  readonly responseExample: unknown;
  readonly successStatus: number;
  readonly successStatusStated: boolean;
  readonly query: Record<string, { enum?: readonly string[] }>;
}

export interface ContractSocket {
  readonly id: string;
  readonly path: string;
  readonly clientMessages: readonly { name: string; example: object }[];
  readonly serverMessages: readonly { name: string; example: object }[];
}

export interface Contract {
  readonly rest: readonly ContractEndpoint[];
  readonly ws: readonly ContractSocket[];
  readonly errorFormat: {
    readonly example: object | null;
    readonly codes: readonly {
      code: string;
      httpStatus: number | null;
      meaning: string;
      meaningEnglish?: string;
    }[];
  };
  readonly models: Record<string, { example?: object }>;
  readonly aliases: readonly { path: string; of: string }[];
  readonly rateLimitHeaders?: readonly string[];
  readonly rateLimits?: readonly {
    category: string;
    limit: number;
    windowSeconds: number | null;
    burst: number | null;
    burstWindowSeconds?: number;
    unit?: string;
  }[];
}

/** False for a surface that is Openbell's own. */
export function hasContract(surface: string): boolean {
  return existsSync(join(contractFolder, `${surface}.json`));
}

export function loadContract(surface: string): Contract {
  return JSON.parse(readFileSync(join(contractFolder, `${surface}.json`), 'utf8')) as Contract;
}

/** The document itself, in Markdown. */
export function readDocument(surface: string): string {
  return readFileSync(join(contractFolder, `${surface}.md`), 'utf8');
}

/** Differences in keys and types between an example and a value; empty: the same shape. */
export type ShapeErrors = (example: unknown, actual: unknown, path?: string) => string[];

export async function loadShapes(): Promise<ShapeErrors> {
  const module = await import(pathToFileURL(join(contractFolder, 'shapes.mjs')).href);
  return module.shapeErrors as ShapeErrors;
}

export function endpointOf(contract: Contract, id: string): ContractEndpoint {
  const found = contract.rest.find((entry) => entry.id === id);
  if (found === undefined) throw new Error(`${id} is not in the contract`);
  return found;
}
