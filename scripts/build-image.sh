#!/usr/bin/env bash
#
# Builds the image of the runner or the server and pushes it to ECR. The last line of stdout is the URI of the image, with its digest.
#
#   AWS_REGION=eu-central-1 ECR_REPO_NAME=berth-runner scripts/build-image.sh
#   scripts/build-image.sh --local        builds only for this machine, as berth-runner:local
#   scripts/build-image.sh --dry-run      prints the commands without running them
#
# The tag is a hash of the contents: `base-amd64-3f2a…`. An image that ECR already has is neither built nor pushed again.
#
#   AWS_REGION      region of the repository
#   ECR_REPO_NAME   name of the repository; default berth-runner, or berth-server
#   IMAGE_TAG       an additional tag for the same image, such as latest; default none
#   APP_DIR         directory of the Dockerfile; default runner-image, or server-image
#   PLATFORM        linux/amd64 or linux/arm64; default linux/amd64, with --local the platform of the engine
#   TARGET          base (default), browser or server
#   BASE_IMAGE      default debian:bookworm-slim; a tag is pinned to its current digest
#   PULL            true (default) pulls the base image; false uses the image on this machine
#   REFRESH         a new value builds a new image from the same files, for Debian's updates: REFRESH=$(date +%Y-%m)
#   COMPRESSION     auto (default) pushes with zstd, which Fargate unpacks faster, if podman or skopeo is installed, and
#                   with gzip otherwise; zstd stops if neither is installed; gzip
#   SCAN            auto (default) scans for vulnerabilities if grype or trivy is installed, and stops if that
#                   fails; required also stops if neither is installed; off does not scan
#   SCAN_FAIL_ON    severity that stops the push: low, medium, high, critical (default)
#   SCAN_UNFIXED    true: vulnerabilities without a fix also stop the push; default false
#   SBOM_DIR        folder of the SBOM; default .cache/sbom
#   CONTAINER_TOOL  docker or podman; default the first that is installed
#   BUILD_OPTIONS   more options for the build, such as --network=host
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
platform=${PLATFORM:-}
target=${TARGET:-base}
kind=runner
[ "$target" != server ] || kind=server
repository=${ECR_REPO_NAME:-berth-$kind}
app_dir=$(realpath -m -- "${APP_DIR:-$root/$kind-image}")
base_image=${BASE_IMAGE:-debian:bookworm-slim}
pull=${PULL:-true}
compression=${COMPRESSION:-auto}
scan_mode=${SCAN:-auto}
fail_on=${SCAN_FAIL_ON:-critical}
unfixed=${SCAN_UNFIXED:-false}
sbom_dir=${SBOM_DIR:-$root/.cache/sbom}
is_local=false
is_dry=false

say() { printf '%s\n' "$*" >&2; }
die() {
  say "build-image: $1"
  exit "${2:-1}"
}
# run COMMAND…: runs the command, or prints it in a dry run. Its output goes to stderr, because stdout has only the URI.
run() {
  if $is_dry; then
    say "would run: $*"
  else
    "$@" >&2
  fi
}

for argument in "$@"; do
  case $argument in
    --local) is_local=true ;;
    --dry-run) is_dry=true ;;
    -h | --help)
      sed -n '3,/^set -/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *) die "unknown argument $argument; --help lists them" 64 ;;
  esac
done

# one_of NAME VALUE ALLOWED…
one_of() {
  local name=$1 value=$2 allowed
  shift 2
  for allowed; do [ "$value" != "$allowed" ] || return 0; done
  allowed=${*:1:$#-1}
  die "$name is $value; it must be ${allowed// /, } or ${!#}" 64
}

check_settings() {
  case $platform in
    '' | linux/amd64 | linux/arm64) ;;
    *) die "PLATFORM is $platform; it must be linux/amd64 or linux/arm64, one per call" 64 ;;
  esac
  one_of TARGET "$target" base browser server
  one_of SCAN_FAIL_ON "$fail_on" low medium high critical
  one_of COMPRESSION "$compression" auto zstd gzip
  one_of SCAN "$scan_mode" auto required off
  one_of SCAN_UNFIXED "$unfixed" true false
  one_of PULL "$pull" true false
  # The older sample has it in lowercase.
  dockerfile=$app_dir/dockerfile
  [ ! -f "$app_dir/Dockerfile" ] || dockerfile=$app_dir/Dockerfile
  [ -f "$dockerfile" ] || die "$app_dir has no Dockerfile; set APP_DIR" 66
  $is_local || [ -n "${AWS_REGION:-}" ] || die 'set AWS_REGION, or build for this machine with --local' 64
}

choose_tool() {
  tool=${CONTAINER_TOOL:-}
  if [ -z "$tool" ]; then
    for tool in docker podman ''; do
      if [ -z "$tool" ] || command -v "$tool" >/dev/null; then break; fi
    done
  elif ! command -v "$tool" >/dev/null; then
    die "CONTAINER_TOOL is $tool, which is not installed" 69
  fi
  [ -z "$tool" ] || return 0
  say 'Neither docker nor podman is installed: a dry run.'
  tool=docker
  $is_dry || lacks_tool=true
  is_dry=true
}

# The runner is a bundle. It is built again if it is older than its sources.
build_runner() {
  local bundle=$root/runner-image/dist/runner.js
  [ "$app_dir" = "$root/runner-image" ] || return 0
  if [ -f "$bundle" ] && [ -z "$(find "$root/runner-image/src" "$root/app/core/model" "$root/app/lib" -newer "$bundle" -print -quit)" ]; then
    return 0
  fi
  (cd "$root" && run node scripts/build.mjs)
}

# The context of the server's image is a copy of the built server with its lock file.
stage_server() {
  local staged=$root/server-image/app
  [ "$app_dir" = "$root/server-image" ] || return 0
  (cd "$root" && run npm run --silent build)
  run rm -rf "$staged"
  run mkdir -p "$staged/runner-image"
  run cp "$root/package.json" "$root/package-lock.json" "$root/runner-image/packages/node.txt" "$staged/"
  run cp -R "$root/dist" "$staged/dist"
  run rm -rf "$staged/dist/lambda" "$staged/dist/lambda.zip"
  run cp -R "$root/runner-image/dist" "$staged/runner-image/dist"
}

# A tag can move. A digest identifies the base image.
pin_base_image() {
  case $base_image in *@sha256:*) return 0 ;; esac
  if $is_dry; then
    say "would pin $base_image to its current digest, which the tag of the image depends on"
    return 0
  fi
  # An image that was built on this machine cannot be pulled, and has only an ID.
  if $pull; then
    "$tool" pull --platform "$platform" "$base_image" >&2 ||
      say "$base_image cannot be pulled; using the image on this machine."
  fi
  base_digest=$("$tool" image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$base_image" | sed -n 1p) ||
    die "the image $base_image does not exist" 66
  if [ -n "$base_digest" ]; then
    base_image=$base_digest
  else
    base_id=$("$tool" image inspect --format '{{.Id}}' "$base_image")
    say "$base_image has no digest: it was built on this machine. Its ID is $base_id."
  fi
}

# The hash of all inputs: each file of the context with its name, and the arguments of the build.
content_hash() {
  (
    cd "$app_dir"
    printf '%s\n' "$target" "$platform" "$base_image" "${base_id:-}" "${REFRESH:-}"
    find . -type f ! -path './src/*' ! -path './node_modules/*' ! -name '*.md' -print0 | LC_ALL=C sort -z |
      xargs -0 sha256sum
  ) | sha256sum | cut -c 1-16
}

# The platform of the engine; empty if it does not report one.
engine_platform() {
  case $tool in
    *podman) "$tool" info --format 'linux/{{.Host.Arch}}' 2>/dev/null || true ;;
    *) "$tool" version --format '{{.Server.Os}}/{{.Server.Arch}}' 2>/dev/null || true ;;
  esac
}

# A local image has the platform of the engine, which usually runs no other.
choose_platform() {
  if [ -n "$platform" ]; then return 0; fi
  if $is_local; then platform=$(engine_platform); fi
  case $platform in
    linux/amd64 | linux/arm64) ;;
    *) platform=linux/amd64 ;;
  esac
}

build() {
  local options=() engine
  read -ra options <<<"${BUILD_OPTIONS:-}"
  if build_with "$1" ${options[@]+"${options[@]}"}; then return 0; fi
  engine=$(engine_platform)
  if [ -n "$engine" ] && [ "$engine" != "$platform" ]; then
    say "The engine is $engine. For $platform it requires QEMU's emulation (Debian: apt-get install qemu-user-static),"
    say "or build on a machine with that platform."
  fi
  die 'the image could not be built'
}

# A single image, not an index: its digest is then the same here and in ECR.
build_with() {
  local name=$1 file=()
  shift
  [ "$dockerfile" = "$app_dir/Dockerfile" ] || file=(--file "$dockerfile")
  BUILDX_NO_DEFAULT_ATTESTATIONS=1 run "$tool" build --platform "$platform" --target "$target" \
    --build-arg "BASE_IMAGE=$base_image" --build-arg "VERSION=$tag" \
    --build-arg "REVISION=$(git -C "$root" rev-parse HEAD 2>/dev/null || echo unknown)" \
    ${file[@]+"${file[@]}"} "$@" --tag "$name" "$app_dir"
}

has() { command -v "$1" >/dev/null; }

# The scanners read the image from a file, which works with each tool. Podman usually has no engine to query, and a scanner
# would look up an unknown name in a registry.
inspect() {
  archive=$sbom_dir/$tag.tar
  if has syft || has grype || has trivy; then
    run mkdir -p "$sbom_dir"
    # Podman does not overwrite a file.
    run rm -f "$archive"
    run "$tool" save --output "$archive" "$1"
  fi
  list_contents
  scan
  remove_archive
}

archive=
scratch=
remove_archive() { if [ -n "$archive" ] && ! $is_dry; then rm -f "$archive"; fi; }
clean_up() {
  remove_archive
  if [ -n "$scratch" ]; then rm -rf "$scratch"; fi
}
trap clean_up EXIT

# Trivy puts the path of the file into the SBOM, so this runs in its folder.
in_sbom_dir() (
  if ! $is_dry; then cd "$sbom_dir"; fi
  run "$@"
)

list_contents() {
  local file=$sbom_dir/$tag.spdx.json
  if has syft; then
    run syft "docker-archive:$archive" --source-name "$repository" --source-version "$tag" --output "spdx-json=$file" ||
      die 'syft could not write the SBOM; see its output above' 69
  elif has trivy; then
    in_sbom_dir trivy image --format spdx-json --output "$tag.spdx.json" --input "$tag.tar" ||
      die 'trivy could not write the SBOM; see its output above' 69
  else
    say 'No SBOM was written: neither syft nor trivy is installed.'
    return 0
  fi
  say "SBOM: $file"
}

scan() {
  local options=()
  if [ "$scan_mode" = off ]; then
    say 'Not scanned for vulnerabilities: SCAN is off.'
  elif has grype; then
    $unfixed || options=(--only-fixed)
    scan_with 'grype db update' \
      grype "docker-archive:$archive" --fail-on "$fail_on" ${options[@]+"${options[@]}"}
  elif has trivy; then
    local severities=LOW,MEDIUM,HIGH,CRITICAL
    # This severity and all above it.
    severities=${severities#"${severities%%"${fail_on^^}"*}"}
    $unfixed || options=(--ignore-unfixed)
    # By default, trivy also looks for secrets, and would report those in the tests of packages.
    scan_with 'trivy image --download-db-only' \
      trivy image --scanners vuln --exit-code 2 --severity "$severities" ${options[@]+"${options[@]}"} --input "$archive"
  elif [ "$scan_mode" = required ]; then
    die 'SCAN is required, and neither grype nor trivy is installed' 69
  else
    say 'Not scanned for vulnerabilities: neither grype nor trivy is installed.'
  fi
}

# scan_with COMMAND-THAT-FETCHES-THE-DATABASE COMMAND…: both scanners exit with 2 if they find a vulnerability.
scan_with() {
  local fetch=$1 code=0
  shift
  run "$@" || code=$?
  case $code in
    0) ;;
    2)
      die "$1 finds vulnerabilities of severity $fail_on or above. Build with a new value of REFRESH for Debian's updates, or raise SCAN_FAIL_ON" 70
      ;;
    *)
      die "$1 could not scan (exit code $code); see its output above. If its database is not reachable, fetch it with '$fetch', or skip the scan with SCAN=off" 69
      ;;
  esac
}

ecr() { aws ecr "$@" --region "$AWS_REGION" --output text; }
# plan COMMAND…: prints a command of a dry run.
plan() { say "would run: $*"; }

# The digest of a tag in ECR; empty if the tag does not exist.
digest_in_ecr() {
  local answer
  if answer=$(ecr describe-images --repository-name "$repository" --image-ids "imageTag=$1" \
    --query 'imageDetails[0].imageDigest' 2>&1); then
    printf '%s' "$answer"
  elif [[ $answer != *ImageNotFoundException* ]]; then
    die "ECR does not describe $repository:$1: $answer"
  fi
}

# The digest of the pushed image, as the tool reports it.
digest_here() {
  "$tool" image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$1:$tag" |
    sed -n "s|^$1@||p" | sed -n 1p
}

# Which program pushes. Docker compresses with gzip, unless its builder pushes; podman and skopeo also compress with zstd.
# https://aws.amazon.com/blogs/containers/reducing-aws-fargate-startup-times-with-zstd-compressed-container-images/
choose_pusher() {
  pusher=$tool
  [ "$compression" != gzip ] || return 0
  case $tool in *podman) pusher=podman-zstd ;; esac
  if [ "$pusher" = podman-zstd ]; then return 0; fi
  if has skopeo; then
    pusher=skopeo
  elif [ "$compression" = zstd ]; then
    die 'COMPRESSION is zstd, which requires podman or skopeo' 69
  else
    say 'The image is pushed with gzip. Fargate starts tasks faster from an image with zstd: install podman or skopeo.'
  fi
}

# push_with URI FOLDER: the folder is for the credentials and the digest.
push_with() {
  local name=$1:$tag zstd=(--format oci)
  case $pusher in
    podman-zstd)
      run "$tool" push "${zstd[@]}" --compression-format zstd --digestfile "$2/digest" "$name"
      ;;
    skopeo)
      run "$tool" save --output "$2/image.tar" "$name"
      run skopeo copy "${zstd[@]}" --dest-compress-format zstd --authfile "$2/auth.json" --digestfile "$2/digest" \
        "docker-archive:$2/image.tar" "docker://$name"
      ;;
    *) run "$tool" push "$name" ;;
  esac
}

log_in() {
  local options=(--username AWS --password-stdin "${1%%/*}")
  case $pusher in
    skopeo) ecr get-login-password | run skopeo login --authfile "$2/auth.json" "${options[@]}" ;;
    *) ecr get-login-password | run "$tool" login "${options[@]}" ;;
  esac
}

push() {
  scratch=$(mktemp -d)
  log_in "$1" "$scratch"
  push_with "$1" "$scratch"
  local here there
  here=$(cat "$scratch/digest" 2>/dev/null || digest_here "$1")
  there=$(digest_in_ecr "$tag")
  [ -n "$there" ] || die "$1:$tag was pushed, but ECR does not have it"
  [ "$here" = "$there" ] || die "ECR has $1:$tag with digest $there, but this machine has ${here:-none}"
}

# Adds a tag to the image in ECR, without a second push.
name_also() {
  local digest=$1 name=$2 present image type=()
  present=$(digest_in_ecr "$name")
  if [ "$present" = "$digest" ]; then return 0; fi
  if [ -n "$present" ] && [ "$(tag_mutability)" = IMMUTABLE ]; then
    die "$repository:$name already refers to $present, and tags of this repository are immutable; use the URI with the digest $digest, or another IMAGE_TAG" 73
  fi
  image=$(ecr batch-get-image --repository-name "$repository" --image-ids "imageDigest=$digest" \
    --query 'images[0].[imageManifestMediaType,imageManifest]')
  # ECR requires the type of a manifest that does not name it, as in images with zstd. `None`: AWS did not answer with one.
  case ${image%%$'\t'*} in application/*) type=(--image-manifest-media-type "${image%%$'\t'*}") ;; esac
  run ecr put-image --repository-name "$repository" --image-tag "$name" --image-digest "$digest" \
    ${type[@]+"${type[@]}"} --image-manifest "${image#*$'\t'}"
}

tag_mutability() {
  ecr describe-repositories --repository-names "$repository" --query 'repositories[0].imageTagMutability'
}

build_for_ecr() {
  has aws || die 'the AWS CLI is not installed' 69
  local uri digest
  uri=$(ecr describe-repositories --repository-names "$repository" --query 'repositories[0].repositoryUri') ||
    die "the repository $repository in $AWS_REGION does not exist, or you may not read it; terraform/ creates it" 66
  digest=$(digest_in_ecr "$tag")
  if [ -n "$digest" ]; then
    say "$repository:$tag is already in ECR."
  else
    build "$uri:$tag"
    inspect "$uri:$tag"
    push "$uri"
    digest=$(digest_in_ecr "$tag")
  fi
  if [ -n "${IMAGE_TAG:-}" ] && [ "$IMAGE_TAG" != "$tag" ]; then name_also "$digest" "$IMAGE_TAG"; fi
  printf '%s\n' "$uri@$digest"
}

build_for_here() {
  local name=local
  if [ "$target" != base ]; then name=$target; fi
  name=$repository:${IMAGE_TAG:-$name}
  build "$repository:$tag"
  inspect "$repository:$tag"
  run "$tool" tag "$repository:$tag" "$name"
  $is_dry || printf '%s\n' "$name"
}

# A dry run calls neither a registry nor AWS. Their answers are in angle brackets.
tell_plan() {
  local uri="<account>.dkr.ecr.${AWS_REGION:-}.amazonaws.com/$repository"
  local ecr="aws ecr" to="--region ${AWS_REGION:-} --output text"
  plan "$ecr describe-repositories --repository-names $repository --query repositories[0].repositoryUri $to"
  plan "$ecr describe-images --repository-name $repository --image-ids imageTag=$tag --query imageDetails[0].imageDigest $to"
  say "if ECR does not have $repository:$tag:"
  build "$uri:$tag"
  inspect "$uri:$tag"
  plan "$ecr get-login-password $to | ${pusher%-zstd} login --username AWS --password-stdin ${uri%%/*}"
  push_with "$uri" '<folder>'
  say "would compare the digest of $tool with the digest in ECR, and fail if they differ"
  if [ -n "${IMAGE_TAG:-}" ] && [ "$IMAGE_TAG" != "$tag" ]; then
    say "if $repository:$IMAGE_TAG is not that image:"
    plan "$ecr batch-get-image --repository-name $repository --image-ids imageDigest=<digest> --query images[0].imageManifest $to"
    plan "$ecr put-image --repository-name $repository --image-tag $IMAGE_TAG --image-digest <digest> --image-manifest <manifest> $to"
  fi
  say "would print $uri@<digest>"
}

lacks_tool=false
check_settings
choose_tool
choose_platform
if ! $is_local; then choose_pusher; fi
build_runner
stage_server
pin_base_image
tag=$target-${platform#linux/}-$(content_hash)
if $is_local; then
  build_for_here
elif $is_dry; then
  tell_plan
else
  build_for_ecr
fi
if $lacks_tool; then die 'nothing was built: install docker or podman' 69; fi
