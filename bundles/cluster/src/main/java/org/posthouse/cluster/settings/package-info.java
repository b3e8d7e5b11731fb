// SPDX-License-Identifier: Apache-2.0
/** What the operator says of the cluster, checked. */
@NullMarked
package org.posthouse.cluster.settings;

import org.jspecify.annotations.NullMarked;
