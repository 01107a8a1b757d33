// GitHub's API, asked as the bot.

import { Failure } from './runner.mjs';

/** An answer, whatever its status. */
export async function ask(token, url, request = {}) {
  try {
    const answer = await fetch(url, {
      ...request,
      redirect: 'error',
      signal: AbortSignal.timeout(30_000),
      headers: { authorization: `Bearer ${token.token}`, 'content-type': 'application/json', 'user-agent': 'raxx-mint' },
    });
    return { status: answer.status, body: await answer.text() };
  } catch (error) {
    throw new Failure(
      `no answer from ${url}: ${error.cause?.message ?? error.message}; behind a proxy set NODE_USE_ENV_PROXY=1, for a root of your own NODE_EXTRA_CA_CERTS`,
    );
  }
}

/** An answer's JSON, or nothing where it is none. */
export function json({ status, body }) {
  try {
    return status === 200 ? JSON.parse(body) : null;
  } catch {
    return null;
  }
}

/** Revokes the token: nothing where it is gone, or why it may live on. Whether it has ended is GitHub's to say, by no clock of ours. */
export async function revoke(token) {
  try {
    const { status } = await ask(token, `${token.github_api_url}/installation/token`, { method: 'DELETE' });
    // 401: GitHub does not know it any more.
    return [204, 401].includes(status) ? null : `HTTP ${status}`;
  } catch (error) {
    return error.message;
  }
}
