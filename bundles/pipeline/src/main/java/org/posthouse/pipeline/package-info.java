// SPDX-License-Identifier: Apache-2.0
/** The stages: asks the hooks in order, bounds them in time, and joins what they say into decisions and envelopes. */
@NullMarked
package org.posthouse.pipeline;

import org.jspecify.annotations.NullMarked;
