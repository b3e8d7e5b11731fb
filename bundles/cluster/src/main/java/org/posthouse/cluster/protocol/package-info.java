// SPDX-License-Identifier: Apache-2.0
/**
 * The protocol of the cluster as state machines without threads, sockets or files: the model test runs this very code
 * over a made-up world, the server runs it over Hazelcast and the spool. The whole of it is told in docs/cluster.md.
 */
@NullMarked
package org.posthouse.cluster.protocol;

import org.jspecify.annotations.NullMarked;
