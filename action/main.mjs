// Mints the bot's token for the job, and lets git act as the bot.

import { mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, json, revoke } from './api.mjs';
import * as git from './git.mjs';
import { programs } from './programs.mjs';
import { Failure, cancelled, exported, fail, input, list, mask, output, required, run, save, say, warn, yes } from './runner.mjs';

async function main() {
  // Before anything else is printed, and again for what comes later.
  for (const secret of ['client-secret', 'client-id']) mask(input(secret));
  const bot = required('bot');
  const wishes = { git: yes('git'), export: yes('export'), skipRevoke: yes('skip-revoke') };
  const variables = {
    INFISICAL_CLIENT_ID: required('client-id'),
    INFISICAL_CLIENT_SECRET: required('client-secret'),
    INFISICAL_PROJECT_ID: required('project-id'),
    INFISICAL_HOST: input('infisical-host'),
    INFISICAL_ENV: input('env'),
    INFISICAL_PATH_PREFIX: input('path-prefix'),
    GITHUB_API_URL: input('github-api-url'),
    // On a runner of one's own a token that is kept would outlive the job.
    RAXX_MINT_CACHE: 'off',
  };
  const scope = [
    ...list('repositories').map((name) => `--repo=${name}`),
    ...list('permissions').map((permission) => `--permission=${permission}`),
  ];
  // Whatever could keep the last step from revoking fails here, before there is a token.
  save('skip', String(wishes.skipRevoke));
  const { folder, fetched } = await programs();
  save('programs', fetched);
  const gitsVersion = wishes.git && (await run('git', ['--version']));
  if (gitsVersion && gitsVersion.code !== 0) throw new Failure(`git does not run: ${gitsVersion.told}; set the input git to false`);

  const minted = await run(join(folder, 'raxx-mint'), [`--bot=${bot}`, '--json', '--verify', ...scope], { variables });
  if (minted.code !== 0) throw new Failure(minted.told || `raxx-mint ended with ${minted.code}`);
  const token = JSON.parse(minted.printed);
  mask(token.token);
  try {
    if (cancelled.by) throw new Failure('the job was cancelled');
    save('document', minted.printed.trim());
  } catch (error) {
    // The last step would not know of it.
    const why = await revoke(token);
    if (why) warn(`the token could not be revoked and lives until ${token.expires_at}: ${why}`);
    throw error;
  }
  if (minted.told) say(minted.told);

  const user = await identity(token);
  output('token', token.token);
  output('expires-at', token.expires_at);
  output('app-slug', user.slug);
  output('bot-user-id', String(user.id));
  output('bot-email', user.email);
  if (wishes.export) exportFor(token);
  if (wishes.git) {
    const temporary = realpathSync(mkdtempSync(join(process.env.RUNNER_TEMP ?? '/tmp', 'raxx-')));
    save('folder', temporary);
    const document = join(temporary, 'token.json');
    writeFileSync(document, minted.printed, { mode: 0o600 });
    await git.setUp({ temporary, document, user, helper: join(folder, 'git-credential-raxx'), apiUrl: token.github_api_url });
  }
  say(`this job is ${user.login} until ${token.expires_at}; ${await limits(token)}`);
  if (!scope.length) warn('the token may do all that the installation may; narrow it with repositories and permissions');
}

/** Who the bot is, by the one question that an installation may ask about itself. */
async function identity(token) {
  const base = token.github_api_url;
  const graphql = base.endsWith('/api/v3') ? base.replace(/v3$/, 'graphql') : `${base}/graphql`;
  const answer = await ask(token, graphql, { method: 'POST', body: JSON.stringify({ query: '{viewer{login databaseId}}' }) });
  const { login, databaseId: id } = json(answer)?.data?.viewer ?? {};
  // It becomes a part of git's configuration.
  if (!/^[\w-]+\[bot\]$/.test(login) || !Number.isSafeInteger(id)) {
    throw new Failure(`${graphql} does not say who the bot is: HTTP ${answer.status}; try again, and see https://www.githubstatus.com`);
  }
  const host = new URL(base).hostname.replace(/^api\./, '');
  return { login, id, slug: login.replace(/\[bot\]$/, ''), email: `${id}+${login}@users.noreply.${host}` };
}

/** The variables in which gh looks for a token of that GitHub, as raxx-mint --export names them. */
function exportFor(token) {
  const host = new URL(token.github_api_url).host.replace(/^api\./, '');
  if (host === 'github.com') return exported('GH_TOKEN', token.token);
  exported('GH_HOST', host);
  exported('GH_ENTERPRISE_TOKEN', token.token);
  if (host.endsWith('.ghe.com')) exported('GH_TOKEN', token.token);
}

/** What is left of the hour's requests, in words; the question itself costs none, and no answer fails no job. */
async function limits(token) {
  const answer = await ask(token, `${token.github_api_url}/rate_limit`).catch(() => null);
  const { remaining, limit, reset } = (answer && json(answer))?.resources?.core ?? {};
  if (![remaining, limit, reset].every(Number.isSafeInteger) || reset > 1e11) return 'its limits could not be asked for';
  return `${remaining} of ${limit} requests are left until ${new Date(reset * 1000).toISOString()}`;
}

await main().catch((error) => fail(error instanceof Failure ? error.message : `this is a defect of the action: ${error.name} (${error.code ?? 'no code'})`));
if (cancelled.by) process.exitCode ||= 1;
