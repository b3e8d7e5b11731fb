// SPDX-License-Identifier: Apache-2.0
/** Limits that hold in sum over all nodes, by shares and loans. */
@NullMarked
package org.posthouse.cluster.limits;

import org.jspecify.annotations.NullMarked;
