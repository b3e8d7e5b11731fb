// SPDX-License-Identifier: Apache-2.0
/** What a member has on disk of messages and of the others: records in its spool. */
@NullMarked
package org.posthouse.cluster.disk;

import org.jspecify.annotations.NullMarked;
