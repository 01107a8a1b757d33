// The job of `raxx-mint --bot BOT` with the official SDKs, for tests/bench.sh to compare with.
import { InfisicalSDK } from "@infisical/sdk";
import { createAppAuth } from "@octokit/auth-app";
import { request } from "@octokit/request";

const { env, argv } = process;
const infisical = new InfisicalSDK({ siteUrl: env.INFISICAL_HOST ?? "https://app.infisical.com" });
await infisical.auth().universalAuth.login({
  clientId: env.INFISICAL_CLIENT_ID,
  clientSecret: env.INFISICAL_CLIENT_SECRET,
});
const { secrets } = await infisical.secrets().listSecrets({
  environment: env.INFISICAL_ENV ?? "prod",
  projectId: env.INFISICAL_PROJECT_ID,
  secretPath: (env.INFISICAL_PATH_PREFIX ?? "/MooseQuest/") + argv[2],
});
const value = (name) => secrets.find((secret) => secret.secretKey === name).secretValue;
const auth = createAppAuth({
  appId: value("APP_ID"),
  installationId: value("INSTALLATION_ID"),
  privateKey: value("PRIVATE_KEY_PEM").replaceAll("\\n", "\n"),
  request: request.defaults({ baseUrl: env.GITHUB_API_URL ?? "https://api.github.com" }),
});
console.log((await auth({ type: "installation" })).token);
