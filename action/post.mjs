// After the job: the token is revoked, and git is as it was.

import { rmSync } from 'node:fs';
import { revoke } from './api.mjs';
import * as git from './git.mjs';
import { mask, saved, say, warn } from './runner.mjs';

const [document, folder, programs, skip] = ['document', 'folder', 'programs', 'skip'].map(saved);

async function revokeIt() {
  if (!document) return;
  const token = JSON.parse(document);
  mask(token.token);
  if (skip === 'true') return say(`the token is left alive until ${token.expires_at}, as skip-revoke asks`);
  const why = await revoke(token);
  // A job that did its work has not failed for this.
  if (why) warn(`the token could not be revoked and lives until ${token.expires_at}: ${why}`);
  else say('the token is revoked');
}

// Each by itself: what fails must not keep the others from their turn.
for (const step of [
  revokeIt,
  async () => folder && (await git.takeBack(folder)),
  () => [folder, programs].filter(Boolean).forEach((left) => rmSync(left, { recursive: true, force: true })),
]) {
  try {
    await step();
  } catch (error) {
    warn(`after the job: ${error.message}`);
  }
}
