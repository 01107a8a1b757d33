// Lets git act as the bot for a job: one line in git's own file, which the post step takes out again.

import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, run, save, saved, warn } from './runner.mjs';

const quoted = (text) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
const inShell = (text) => `'${text.replaceAll("'", "'\\''")}'`;
/** git's own file, where it makes one. */
const gitsFile = () => process.env.GIT_CONFIG_GLOBAL || join(process.env.HOME ?? '', '.gitconfig');

/** Who commits are by, and whose credential git sends to this GitHub. */
export async function setUp({ temporary, document, user, helper, apiUrl }) {
  const host = new URL(apiUrl).host.replace(/^api\./, '');
  const file = join(temporary, 'gitconfig');
  const command = `!${inShell(helper)} --token-file ${inShell(document)}`;
  writeFileSync(
    file,
    `[user]\n\tname = ${quoted(user.login)}\n\temail = ${quoted(user.email)}\n` +
      `[credential ${quoted(`https://${host}`)}]\n\thelper =\n\thelper = ${quoted(command)}\n` +
      // ssh would be whoever has a key here.
      `[url ${quoted(`https://${host}/`)}]\n\tinsteadOf = ${quoted(`git@${host}:`)}\n\tinsteadOf = ${quoted(`ssh://git@${host}/`)}\n`,
  );
  if (!existsSync(gitsFile())) save('made', gitsFile());
  const included = await run('git', ['config', '--global', '--add', 'include.path', file]);
  if (included.code !== 0) throw new Failure(`git's configuration cannot be written: ${included.told}; set the input git to false`);
  await verify(temporary, file, user);
  await warnOfWorkspace(user);
}

/** git's files are read in order, and a line behind ours would win. */
async function verify(temporary, file, user) {
  const settings = await run('git', ['-C', temporary, 'config', '--show-origin', '--get-regexp', '^(user\\.email|credential\\.(.*\\.)?helper)$']);
  const last = (name) => settings.printed.split('\n').filter((line) => name.test(line)).at(-1) ?? '';
  for (const [what, name] of [['commit as somebody else', /\suser\.email\s/], ["ask another helper, and tell it the bot's token", /\scredential\.\S*helper(\s|$)/]]) {
    if (!last(name).startsWith(`file:${file}\t`)) {
      throw new Failure(`git would ${what} than ${user.login}: a later line of ${gitsFile()} says so; take it out, or set the input git to false`);
    }
  }
}

/** What checkouts keep for themselves counts before anything else: a header that actions/checkout leaves, a user of their own. */
async function warnOfWorkspace(user) {
  const workspace = process.env.GITHUB_WORKSPACE;
  if (!workspace || !existsSync(workspace)) return;
  const below = readdirSync(workspace, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const checkouts = [workspace, ...below.map((entry) => join(workspace, entry.name))].filter((folder) => existsSync(join(folder, '.git')));
  for (const checkout of checkouts) {
    // Owned by another user in a job's container, it would not be read.
    const get = (...args) => run('git', ['-c', 'safe.directory=*', '-C', checkout, 'config', '--local', ...args]);
    const headers = await get('--name-only', '--get-regexp', '^http\\..*\\.extraheader$');
    if (headers.code === 0) {
      warn(`git in ${checkout} still acts as the job's own GITHUB_TOKEN (${headers.printed.trim().split('\n')[0]}); give actions/checkout persist-credentials: false`);
    }
    const email = await get('--get', 'user.email');
    if (email.code === 0 && email.printed.trim() !== user.email) {
      warn(`git in ${checkout} commits as ${email.printed.trim()}, as its own file says, and not as ${user.login}; unset user.email there`);
    }
  }
}

/** Takes the line out again. */
export async function takeBack(temporary) {
  const exactly = join(temporary, 'gitconfig').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const taken = await run('git', ['config', '--global', '--unset-all', 'include.path', `^${exactly}$`]);
  // 5: it is not there any more (git-config(1)).
  if (![0, 5].includes(taken.code)) warn(`the line for the bot could not be taken out of ${gitsFile()}: ${taken.told}`);
  const made = saved('made');
  if (made && existsSync(made) && !readFileSync(made, 'utf8').replace('[include]', '').trim()) rmSync(made);
}
