#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes the configuration tables of docs/operations.md from the metatype of the compiled bundles and plugins.
# Run after "mvn package"; with --check it only compares.
set -e
cd "$(dirname "$0")/.."
for home in "$JAVA_HOME" /usr/lib/jvm/*25*; do
    [ -x "$home/bin/java" ] && grep -qs '^JAVA_VERSION="25[."]' "$home/release" && break
done
exec "$home/bin/java" -cp bundles/config/target/classes org.posthouse.config.load.Reference "$@" docs/operations.md \
    bundles/*/target/classes plugins/*/target/classes
