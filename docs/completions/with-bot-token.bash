_raxx_bots() {
    if [[ -n "${RAXX_BOTS:-}" ]]; then
        printf '%s\n' ${RAXX_BOTS//,/ }
    else
        raxx-mint --list --json 2> /dev/null | sed -n 's/.*"bot":"\([^"]*\)".*/\1/p' | sort -u
    fi
}

_with__bot__token() {
    local i cur prev opts cmd
    COMPREPLY=()
    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
        cur="$2"
    else
        cur="${COMP_WORDS[COMP_CWORD]}"
    fi
    prev="$3"
    cmd=""
    opts=""

    for i in "${COMP_WORDS[@]:0:COMP_CWORD}"
    do
        case "${cmd},${i}" in
            ",$1")
                cmd="with__bot__token"
                ;;
            *)
                ;;
        esac
    done

    case "${cmd}" in
        with__bot__token)
            opts="-q -v -h -V --bot --project-id --env --path-prefix --repo --repository-id --permission --unscoped --verify --github-api-url --github-api-version --infisical-host --fresh --min-ttl --git-identity --git --revoke --renew --keep --keep-credentials --require-bot --quiet --verbose --error-format --help --version"
            local word bots
            bots=" $(_raxx_bots | tr '\n' ' ') "
            for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
                if [[ "${bots}" == *" ${word} "* ]]; then
                    COMPREPLY=($(compgen -c -- "${cur}"))
                    return 0
                fi
            done
            if [[ ${cur} == -* ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --bot)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --project-id)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --env)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --path-prefix)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --repo)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --repository-id)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --permission)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --github-api-url)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --github-api-version)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --infisical-host)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --min-ttl)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --keep)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --error-format)
                    COMPREPLY=($(compgen -W "text json" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "$(_raxx_bots)" -- "${cur}") )
            return 0
            ;;
    esac
}

if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -F _with__bot__token -o nosort -o bashdefault -o default with-bot-token
else
    complete -F _with__bot__token -o bashdefault -o default with-bot-token
fi
