// SPDX-License-Identifier: Apache-2.0
package org.posthouse.spool;

/**
 * The values of the top-level key {@code spool}.
 *
 * @param inlineLimit octets of a message up to which it is kept beside its envelope
 * @param minFree octets of free space below which intake stops
 * @param ballast octets of the file that is given up when the disk fills
 * @param forceEvery octets of a large body after which it is forced to disk while it arrives
 * @param lingerMillis how long the committer waits for company
 * @param cache octets of heap for messages committed a moment ago
 * @param blockCache octets outside the heap for blocks read from disk
 * @param writeBuffers octets outside the heap for what was written and not yet flushed
 */
record Settings(
        long inlineLimit,
        long minFree,
        long ballast,
        long forceEvery,
        long lingerMillis,
        long cache,
        long blockCache,
        long writeBuffers) {
    private static final long MB = 1_000_000;

    /** What is shipped. */
    static final Settings DEFAULT = new Settings(64_000, 256 * MB, 16 * MB, 4 * MB, 0, 16 * MB, 32 * MB, 128 * MB);
}
