// SPDX-License-Identifier: Apache-2.0
/**
 * How frames get to other members: gathered into parcels, sealed with the key of the cluster, matched with their
 * answers. Knows nothing of the network below, which is a {@link org.posthouse.cluster.transport.Carriage}.
 */
@NullMarked
package org.posthouse.cluster.transport;

import org.jspecify.annotations.NullMarked;
