// After the job: git is as it was, and the token is revoked.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as git from './git.mjs';
import { mask, run, saved, say, warn } from './runner.mjs';

const [document, folder, programs] = ['document', 'folder', 'programs'].map(saved);
if (document) {
  mask(JSON.parse(document).token);
  if (folder) {
    git.takeBack(folder);
    rmSync(folder, { recursive: true, force: true });
  }
  const until = JSON.parse(document).expires_at;
  if (saved('skip') === 'true') {
    say(`the token is left alive until ${until}, as skip-revoke asks`);
  } else if (Date.parse(until) < Date.now()) {
    say(`the token has ended by itself at ${until}`);
  } else {
    // A token that GitHub does not know any more counts as revoked.
    const revoked = run(join(programs, 'gh-install-token'), ['--revoke'], { standardInput: document });
    if (revoked.code === 0) say('the token is revoked');
    // A job that did its work has not failed for this.
    else warn(`the token could not be revoked and lives until ${until}: ${revoked.told}`);
  }
}
