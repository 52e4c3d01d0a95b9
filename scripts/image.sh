#!/usr/bin/env bash
# Builds the image of the Dockerfile on a Debian machine without an engine and without a registry, starts it, links a simulated
# phone in it and says how large it is: `npm run image`, as root. docs/install.md says more.
#
#   scripts/image.sh [--to FILE]   FILE gets the image as a tar archive that `docker load` and `podman load` take
set -euo pipefail
cd "$(dirname "$0")/.."

to=
[ "${1:-}" = --to ] && to="$(realpath -m "${2:?which file?}")"

for program in buildah debootstrap node npm; do
  command -v "$program" >/dev/null || { echo "$program is missing (Debian: apt-get install buildah debootstrap)" >&2; exit 1; }
done
[ "$(id -u)" -eq 0 ] || { echo "The file systems of the image are made as root." >&2; exit 1; }

# Kept between runs, because making the bases and ffmpeg takes minutes; delete it to begin afresh.
work="${PARLEY_IMAGE_DIR:-/var/tmp/parley-image}"
mkdir -p "$work"
store=(--root "$work/store" --runroot "$work/run" --storage-driver vfs)
b() { buildah "${store[@]}" "$@"; }
arch="$(dpkg --print-architecture)"
value() { sed -n "s/^ARG $1=//p" Dockerfile; }
node_version="$(value NODE_IMAGE | sed 's/.*node:\([0-9.]*\)-.*/\1/')"

# What a registry would give: Debian alone, and Debian with Node where the official image has it.
if ! b inspect --type image localhost/parley-debian >/dev/null 2>&1; then
  rm -rf "$work/debian"
  mkdir -p "$work/packages"
  debootstrap --variant=minbase --cache-dir="$work/packages" bookworm "$work/debian"
  # Security updates too, from where this machine gets them.
  if [ -f /etc/apt/sources.list.d/debian.sources ]; then
    rm -f "$work/debian/etc/apt/sources.list"
    cp /etc/apt/sources.list.d/debian.sources "$work/debian/etc/apt/sources.list.d/"
  fi
  chroot "$work/debian" sh -c 'apt-get update && apt-get upgrade -y && apt-get clean'
  container="$(b from scratch)"
  b add --quiet "$container" "$work/debian" /
  b commit --quiet --rm "$container" localhost/parley-debian >/dev/null
  rm -rf "$work/debian"
fi
if ! b inspect --type image "localhost/parley-node:$node_version" >/dev/null 2>&1; then
  rm -rf "$work/node" && mkdir -p "$work/node/lib/node_modules"
  platform="node-linux-$([ "$arch" = arm64 ] && echo arm64 || echo x64)"
  (cd "$work" && npm pack --silent "$platform@$node_version" npm@11 >/dev/null)
  tar -xzf "$work/$platform-$node_version.tgz" -C "$work/node" --strip-components=1
  mkdir "$work/node/lib/node_modules/npm"
  tar -xzf "$work"/npm-11.*.tgz -C "$work/node/lib/node_modules/npm" --strip-components=1
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/node/bin/npm"
  container="$(b from --pull-never localhost/parley-debian)"
  b add --quiet "$container" "$work/node" /usr/local
  # Behind a proxy that looks into TLS, npm in the build needs the certificates that npm here is given. They end with the build.
  if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then
    b add --quiet "$container" "$NODE_EXTRA_CA_CERTS" /usr/local/share/extra-ca.pem
    b config --env NODE_EXTRA_CA_CERTS=/usr/local/share/extra-ca.pem "$container"
  fi
  b commit --quiet --rm "$container" "localhost/parley-node:$node_version" >/dev/null
  rm -rf "$work/node" "$work"/*.tgz
fi

b build --isolation chroot --pull-never --layers --format docker --tag localhost/parley \
  --build-arg "NODE_IMAGE=localhost/parley-node:$node_version" --build-arg DEBIAN_IMAGE=localhost/parley-debian \
  --build-arg "REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)" .

container="$(b from --pull-never localhost/parley)"
trap 'b rm "$container" >/dev/null' EXIT
root="$(b mount "$container")"
echo "The image holds $(du -sm --apparent-size "$root" | cut -f1) MB:"
du -sm --apparent-size "$root/parley" "$root/usr/local/bin/node" "$root/usr/bin/ffmpeg" "$root/lib" "$root/usr/lib" | sed "s|$root||"

# The command of a container, given to the program that checks what comes of it.
node scripts/image-check.mjs buildah "${store[@]}" run --isolation chroot --user 1000:1000 \
  --env WHATSAPP_NETWORK=sandbox --env ADMIN_TOKEN=image-check --env HOST=127.0.0.1 --env PORT=@PORT@ --env LOG_LEVEL=warn \
  "$container" -- node --enable-source-maps dist/src/main.js

# A folder that belongs to root, as one that is mounted from outside often does.
foreign="$work/foreign" && rm -rf "$foreign" && install -d -o 0 -g 0 -m 755 "$foreign"
refusal="$(timeout 60 buildah "${store[@]}" run --isolation chroot --user 1000:1000 --volume "$foreign:/foreign" --env DATA_DIR=/foreign "$container" \
  -- node dist/src/main.js 2>&1 || true)"
grep -q 'chown -R 1000:1000 /foreign' <<<"$refusal" || { echo "A folder of root's is not explained: $refusal" >&2; exit 1; }
echo 'A folder that belongs to root is refused with the command that gives it away.'

if [ -n "$to" ]; then
  rm -f "$to"
  b push --quiet localhost/parley "docker-archive:$to:parley:latest"
  echo "$to holds the image: docker load --input $to"
fi
