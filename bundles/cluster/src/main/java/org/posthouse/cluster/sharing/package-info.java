// SPDX-License-Identifier: Apache-2.0
/** The state of plugins, told from node to node. */
@NullMarked
package org.posthouse.cluster.sharing;

import org.jspecify.annotations.NullMarked;
