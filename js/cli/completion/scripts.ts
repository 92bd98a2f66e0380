/** What each shell is told: to ask `completion words` whenever somebody presses the tab key. */

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** The bins of the package. */
const BINS = 'offstage background';

/** Where nothing is known, bash goes on with file names. */
const BASH = `# eval "$(offstage completion bash)" in ~/.bashrc
_offstage() {
  local word about
  COMPREPLY=()
  while IFS=$'\\t' read -r word about; do
    COMPREPLY+=("$(printf '%q' "$word")")
  done < <("\${COMP_WORDS[0]}" completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _offstage ${BINS}
`;

const ZSH = `#compdef ${BINS}
# eval "$(offstage completion zsh)" in ~/.zshrc, after compinit
_offstage() {
  local -a found
  local line
  while IFS= read -r line; do
    line=\${line//:/\\\\:}
    found+=("\${line/$'\\t'/:}")
  done < <("\${words[1]}" completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then
    _describe 'offstage' found
  else
    _files
  fi
}
if [[ "\${funcstack[1]}" == _offstage ]]; then
  _offstage "$@"
else
  compdef _offstage ${BINS}
fi
`;

const FISH = `# offstage completion fish > ~/.config/fish/completions/offstage.fish
function __offstage_words
    set -l typed (commandline -opc)
    set -l bin $typed[1]
    set -e typed[1]
    set -l found ($bin completion words -- $typed (commandline -ct) 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
for bin in ${BINS}
    complete -c $bin -f -a '(__offstage_words)'
end
`;

export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
