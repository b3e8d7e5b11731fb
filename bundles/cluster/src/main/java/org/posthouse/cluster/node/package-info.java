// SPDX-License-Identifier: Apache-2.0
/** A member as it runs: the protocol on its thread, with disk and net around it, and what is said of it. */
@NullMarked
package org.posthouse.cluster.node;

import org.jspecify.annotations.NullMarked;
