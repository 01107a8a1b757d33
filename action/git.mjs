// Lets git act as the bot for a job: one line in git's own file, which the post step takes out again.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, run, warn } from './runner.mjs';

const quoted = (text) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
const inShell = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** Who commits are by, and whose credential git sends to this GitHub. */
export function setUp({ temporary, document, user, helper, apiUrl }) {
  const api = new URL(apiUrl);
  const server = `https://${api.host.replace(/^api\./, '')}`;
  const file = join(temporary, 'gitconfig');
  const command = `!${inShell(helper)} --token-file ${inShell(document)}`;
  writeFileSync(
    file,
    `[user]\n\tname = ${quoted(user.login)}\n\temail = ${quoted(user.email)}\n` +
      `[credential ${quoted(server)}]\n\thelper =\n\thelper = ${quoted(command)}\n` +
      // ssh would be whoever has a key here.
      `[url ${quoted(`${server}/`)}]\n\tinsteadOf = ${quoted(`git@${api.host.replace(/^api\./, '')}:`)}\n`,
  );
  const included = run('git', ['config', '--global', '--add', 'include.path', file]);
  if (included.code !== 0) throw new Failure(`git's configuration cannot be written: ${included.told}`);
  const email = run('git', ['-C', temporary, 'config', 'user.email']).printed.trim();
  if (email !== user.email) throw new Failure(`git would commit as ${email}: a later line of git's own file says so; set the input git to false, or take that line out`);
  warnOfHeaders();
}

/** What actions/checkout leaves, and git sends before it asks any helper. */
function warnOfHeaders() {
  const workspace = process.env.GITHUB_WORKSPACE;
  if (!workspace) return;
  const headers = run('git', ['-C', workspace, 'config', '--name-only', '--get-regexp', '^http\\..*\\.extraheader$']);
  if (headers.code === 0) {
    warn(`git in ${workspace} still acts as the job's own GITHUB_TOKEN (${headers.printed.trim().split('\n')[0]}); give actions/checkout persist-credentials: false`);
  }
}

/** Takes the line out again. */
export function takeBack(temporary) {
  const taken = run('git', ['config', '--global', '--fixed-value', '--unset-all', 'include.path', join(temporary, 'gitconfig')]);
  // 5: it is not there any more (git-config(1)).
  if (![0, 5].includes(taken.code)) warn(`the line for the bot in git's file could not be taken out: ${taken.told}`);
}
