// What GitHub's runner and an action say to each other, without a dependency:
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands

import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { spawn } from 'node:child_process';

/** A failure that is told as it stands. */
export class Failure extends Error {}

/** An input, without white space around it; empty where it is not given. */
export const input = (name) => (process.env[`INPUT_${name.toUpperCase()}`] ?? '').trim();

/** An input that has to be there. */
export function required(name) {
  const value = input(name);
  if (!value) throw new Failure(`the input ${name} is empty; a secret that the job may not read is empty too, as in a pull request of a fork`);
  return value;
}

/** An input that is a list, between commas or line breaks. */
export const list = (name) => input(name).split(/[\s,]+/).filter(Boolean);

/** An input that is yes or no, as YAML spells it (https://yaml.org/spec/1.2.2/#10212-boolean). */
export function yes(name) {
  const value = input(name);
  if (/^(true|True|TRUE)$/.test(value)) return true;
  if (/^(false|False|FALSE|)$/.test(value)) return false;
  throw new Failure(`the input ${name} is neither true nor false`);
}

const escaped = (text) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

/** Has the runner mask a secret in every log from now on; each of its lines, since a log is masked line by line. */
export function mask(secret) {
  for (const part of new Set([secret, ...secret.split(/\r?\n/)])) {
    // A word of one or two letters would mask half of every log.
    if (part.trim().length > 2) process.stdout.write(`::add-mask::${escaped(part)}\n`);
  }
}

export const say = (text) => process.stdout.write(`${text}\n`);
export const warn = (text) => process.stdout.write(`::warning::${escaped(text)}\n`);
export const fail = (text) => {
  process.stdout.write(`::error::${escaped(text)}\n`);
  process.exitCode = 1;
};

/** Writes NAME=value into one of the runner's files; a delimiter that nobody can guess keeps a value from naming others. */
function write(variable, name, value) {
  const file = process.env[variable];
  if (!file) throw new Failure(`${variable} is not set; this is not a runner of GitHub Actions`);
  const delimiter = `raxx-${randomUUID()}`;
  appendFileSync(file, `${name}<<${delimiter}\n${value}\n${delimiter}\n`);
}

export const output = (name, value) => write('GITHUB_OUTPUT', name, value);
export const save = (name, value) => write('GITHUB_STATE', name, value);
export const exported = (name, value) => write('GITHUB_ENV', name, value);
export const saved = (name) => process.env[`STATE_${name}`] ?? '';

/** Variables of the runner that a program needs to find others and the network; none of them is an input or a state. */
const PASSED_ON = /^(PATH|HOME|TMPDIR|RUNNER_TEMP|GIT_CONFIG_(GLOBAL|NOSYSTEM)|XDG_CONFIG_HOME|SSL_CERT_FILE|CF_ACCESS_CLIENT_(ID|SECRET)(_FILE)?|(HTTPS?|ALL|NO)_PROXY)$/i;

/**
 * Runs a program with little of this process's environment: what it prints, or why it failed. It is in a process group of its own:
 * a job that is cancelled ends this process, which then sees to what the program was making.
 */
export function run(program, args, { variables = {}, standardInput = '' } = {}) {
  const passedOn = Object.entries(process.env).filter(([name]) => PASSED_ON.test(name));
  const child = spawn(program, args, { env: { ...Object.fromEntries(passedOn), ...variables }, detached: true });
  let [printed, told] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => (printed += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (told += text));
  // Who ends before it has read everything says why by its exit code.
  child.stdin.on('error', () => {}).end(standardInput);
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Failure(`${program} cannot be run: ${error.message}; see that it is installed and on PATH`)));
    child.on('close', (code) => resolve({ code, printed, told: told.trim() }));
  });
}

/** What was sent to this process to end it, if anything was: a job that is cancelled (SIGINT, then SIGTERM). */
export const cancelled = { by: null };
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => (cancelled.by ??= signal));
