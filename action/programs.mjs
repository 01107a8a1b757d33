// Where the programs are: named, on PATH, or fetched from the release of this very version.

import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { Failure, input, run, say } from './runner.mjs';

const REPOSITORY = 'https://github.com/MooseQuest/raxx-mint';
const TARGETS = {
  'linux x64': 'x86_64-unknown-linux-musl',
  'linux arm64': 'aarch64-unknown-linux-musl',
  'darwin x64': 'x86_64-apple-darwin',
  'darwin arm64': 'aarch64-apple-darwin',
};

/** What the job runs: the mint, and git's helper. */
const WANTED = ['raxx-mint', 'git-credential-raxx'];

const hasAll = (folder) => WANTED.every((program) => statSync(join(folder, program), { throwIfNoEntry: false })?.isFile());

/** The folder of the programs, and the one that is to be removed after the job, if they were fetched. */
export async function programs() {
  const named = input('programs');
  if (named) {
    // git runs its helper from wherever it is.
    const folder = resolve(named);
    if (!hasAll(folder)) throw new Failure(`there is no ${WANTED.join(' and ')} in ${folder}, which the input programs names; unpack a release there`);
    return { folder, fetched: '' };
  }
  const onPath = (process.env.PATH ?? '').split(delimiter).filter(Boolean).map((folder) => resolve(folder)).find(hasAll);
  if (onPath) {
    say(`the programs in ${onPath} are used, since PATH has them`);
    return { folder: onPath, fetched: '' };
  }
  const fetched = await fetchThem();
  return { folder: join(fetched, 'bin'), fetched };
}

async function fetchThem() {
  const target = TARGETS[`${platform()} ${arch()}`];
  if (!target) throw new Failure(`there are no programs for ${platform()} on ${arch()}; build them and name their folder with the input programs`);
  const manifest = readFileSync(new URL('../Cargo.toml', import.meta.url), 'utf8');
  const version = manifest.match(/^version = "(.+)"$/m)[1];
  const name = `raxx-mint-${version}-${target}`;
  const release = `${REPOSITORY}/releases/download/v${version}`;
  say(`fetching ${release}/${name}.tar.gz`);
  const archive = await get(`${release}/${name}.tar.gz`);
  const sums = (await get(`${release}/SHA256SUMS`)).toString();
  const sum = createHash('sha256').update(archive).digest('hex');
  if (!sums.split('\n').includes(`${sum}  ${name}.tar.gz`)) throw new Failure(`${name}.tar.gz is not what SHA256SUMS of its release says; it was not run`);
  const folder = mkdtempSync(join(process.env.RUNNER_TEMP ?? '/tmp', 'raxx-programs-'));
  const file = join(folder, 'archive.tar.gz');
  writeFileSync(file, archive);
  const unpacked = await run('tar', ['-xzf', file, '-C', folder, '--strip-components=1']);
  if (unpacked.code !== 0) throw new Failure(`${name}.tar.gz cannot be unpacked: ${unpacked.told}`);
  return folder;
}

async function get(url) {
  const failed = (why) => new Failure(`${url} cannot be fetched: ${why}; behind a proxy set NODE_USE_ENV_PROXY=1, or put the programs on PATH or name their folder with the input programs`);
  try {
    const answer = await fetch(url);
    if (answer.ok) return Buffer.from(await answer.arrayBuffer());
    throw failed(`HTTP ${answer.status}`);
  } catch (error) {
    throw error instanceof Failure ? error : failed(error.cause?.message ?? error.message);
  }
}
