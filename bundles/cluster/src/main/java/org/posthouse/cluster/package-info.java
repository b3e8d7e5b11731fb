// SPDX-License-Identifier: Apache-2.0
/** The cluster as the server sees it: a component, a command, a health check. */
@NullMarked
package org.posthouse.cluster;

import org.jspecify.annotations.NullMarked;
