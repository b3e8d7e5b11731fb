// SPDX-License-Identifier: Apache-2.0
/** The only user of Hazelcast: it carries octets between members and says who is there. Nothing is promised by it. */
@NullMarked
package org.posthouse.cluster.hazelcast;

import org.jspecify.annotations.NullMarked;
