// SPDX-License-Identifier: Apache-2.0
/** Envelopes and octets on their way from one member to another, beside the frames of the protocol. */
@NullMarked
package org.posthouse.cluster.cargo;

import org.jspecify.annotations.NullMarked;
