// Where the programs are: named, on PATH, or fetched from the release of this very version.

import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { delimiter, join } from 'node:path';
import { Failure, input, run, say } from './runner.mjs';

const REPOSITORY = 'https://github.com/MooseQuest/raxx-mint';
const TARGETS = {
  'linux x64': 'x86_64-unknown-linux-musl',
  'linux arm64': 'aarch64-unknown-linux-musl',
  'darwin x64': 'x86_64-apple-darwin',
  'darwin arm64': 'aarch64-apple-darwin',
};

/** The folder of the programs. */
export async function programs() {
  const named = input('programs');
  if (named) {
    if (!existsSync(join(named, 'raxx-mint'))) throw new Failure(`there is no raxx-mint in ${named}, which the input programs names`);
    return named;
  }
  const onPath = (process.env.PATH ?? '').split(delimiter).find((folder) => folder && existsSync(join(folder, 'raxx-mint')));
  return onPath ?? fetched();
}

async function fetched() {
  const target = TARGETS[`${platform()} ${arch()}`];
  if (!target) throw new Failure(`there are no programs for ${platform()} on ${arch()}; build them and name their folder with the input programs`);
  const manifest = readFileSync(new URL('../Cargo.toml', import.meta.url), 'utf8');
  const version = manifest.match(/^version = "(.+)"$/m)[1];
  const name = `raxx-mint-${version}-${target}`;
  const release = `${REPOSITORY}/releases/download/v${version}`;
  say(`fetching ${release}/${name}.tar.gz`);
  const archive = Buffer.from(await (await get(`${release}/${name}.tar.gz`)).arrayBuffer());
  const sums = await (await get(`${release}/SHA256SUMS`)).text();
  const sum = createHash('sha256').update(archive).digest('hex');
  if (!sums.split('\n').includes(`${sum}  ${name}.tar.gz`)) throw new Failure(`${name}.tar.gz is not what SHA256SUMS of its release says; it was not run`);
  const folder = mkdtempSync(join(process.env.RUNNER_TEMP ?? '/tmp', 'raxx-programs-'));
  const file = join(folder, 'archive.tar.gz');
  writeFileSync(file, archive);
  const unpacked = run('tar', ['-xzf', file, '-C', folder, '--strip-components=1']);
  if (unpacked.code !== 0) throw new Failure(`${name}.tar.gz cannot be unpacked: ${unpacked.told}`);
  return join(folder, 'bin');
}

async function get(url) {
  const answer = await fetch(url).catch((error) => {
    throw new Failure(`${url} cannot be fetched: ${error.cause?.message ?? error.message}; behind a proxy set NODE_USE_ENV_PROXY=1, or name a folder with the input programs`);
  });
  if (!answer.ok) throw new Failure(`${url} cannot be fetched: HTTP ${answer.status}`);
  return answer;
}
