// SPDX-License-Identifier: Apache-2.0
package org.posthouse.cluster.protocol;

/** An answer on its way: who gives it, in which life. */
public record Response(Incarnation from, long emptySince, Answer answer) {}
