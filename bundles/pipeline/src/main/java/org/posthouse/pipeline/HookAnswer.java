// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline;

/**
 * What one hook said once, for the trace.
 *
 * @param stage the stage
 * @param hook the hook
 * @param generation plugin and generation
 * @param answer the kind of verdict, or {@code failed: } and the kind of failure
 * @param reason why, as the hook said
 * @param nanos how long it took
 */
record HookAnswer(
        org.posthouse.api.Stage stage, String hook, Generation generation, String answer, String reason, long nanos) {}
