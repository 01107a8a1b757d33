#!/usr/bin/env bash
# The job of `raxx-mint --bot BOT` with curl, openssl and jq, for tests/bench.sh to compare with. As careful as a script
# can be: no secret in any argument or file. It reads the same variables, and has none of the explanations.
set -euo pipefail

bot=$1
infisical=${INFISICAL_HOST:-https://app.infisical.com}
github=${GITHUB_API_URL:-https://api.github.com}
path=${INFISICAL_PATH_PREFIX:-/MooseQuest/}$bot

# A request whose headers come over a pipe, where `ps` does not see them. Arguments: HEADERS CURL-ARGUMENT...
request() {
    local headers=$1
    shift
    curl --silent --show-error --fail-with-body --max-time 15 --header @<(printf '%s\n' "$headers") "$@"
}

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

access=
if [[ -n ${CF_ACCESS_CLIENT_ID:-} && -n ${CF_ACCESS_CLIENT_SECRET:-} ]]; then
    access=$'\n'"CF-Access-Client-Id: $CF_ACCESS_CLIENT_ID"$'\n'"CF-Access-Client-Secret: $CF_ACCESS_CLIENT_SECRET"
fi

session=$(jq --null-input '{clientId: env.INFISICAL_CLIENT_ID, clientSecret: env.INFISICAL_CLIENT_SECRET}' |
    request "Content-Type: application/json$access" --data @- "$infisical/api/v1/auth/universal-auth/login" |
    jq --raw-output .accessToken)

secrets=$(request "Authorization: Bearer $session$access" --get \
    --data-urlencode "workspaceId=$INFISICAL_PROJECT_ID" --data-urlencode "environment=${INFISICAL_ENV:-prod}" \
    --data-urlencode "secretPath=$path" "$infisical/api/v3/secrets/raw" |
    jq '.secrets | map({(.secretKey): .secretValue}) | add')
{
    IFS= read -r app
    IFS= read -r installation
} < <(jq --raw-output '.APP_ID, .INSTALLATION_ID' <<< "$secrets")

now=$(date +%s)
header=$(printf '{"alg":"RS256","typ":"JWT"}' | base64url)
claims=$(printf '{"iat":%d,"exp":%d,"iss":"%s"}' $((now - 60)) $((now + 540)) "$app" | base64url)
signature=$(printf '%s.%s' "$header" "$claims" |
    openssl dgst -sha256 -sign <(jq --raw-output '.PRIVATE_KEY_PEM | gsub("\\\\n"; "\n")' <<< "$secrets") | base64url)

request "Authorization: Bearer $header.$claims.$signature"$'\n''Accept: application/vnd.github+json' \
    --request POST "$github/app/installations/$installation/access_tokens" | jq --raw-output .token
