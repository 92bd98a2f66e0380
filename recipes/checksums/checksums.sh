#!/bin/sh
# Writes the SHA-256 of every file below a folder to a file. See TEMPLATE.yaml for its input.
set -eu

input() { # field
  node -p 'JSON.parse(fs.readFileSync(process.env.OFFSTAGE_INPUT_FILE, "utf8"))[process.argv[1]]' "$1"
}

path=$(input path)
output=$(input output)
part=$output.$OFFSTAGE_TASK_ID.part
names=$part.names
trap 'rm -f -- "$part" "$names"' EXIT
trap 'exit 143' TERM # a cancel or a timeout: the trap above removes what is half done

cd -- "$path"
find . -type f ! -path '*
*' | LC_ALL=C sort >"$names"
total=$(wc -l <"$names")
: >"$part"

done=0
told=-1
while IFS= read -r name; do
  sha256sum -- "$name" >>"$part" || echo "left out: $name" >&2 # stderr is the task's log
  done=$((done + 1))
  percent=$((done * 100 / total))
  if [ "$percent" -ne "$told" ]; then
    printf '::progress %d.%02d %d of %d files\n' $((percent / 100)) $((percent % 100)) "$done" "$total"
    told=$percent
  fi
done <"$names"

written=$(wc -l <"$part")
mv -- "$part" "$output"
# The last line of stdout is the result.
node -p 'JSON.stringify({ files: Number(process.argv[1]), left_out: Number(process.argv[2]), output: process.argv[3] })' \
  "$written" "$((total - written))" "$output"
