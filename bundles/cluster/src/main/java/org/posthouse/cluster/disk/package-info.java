// SPDX-License-Identifier: Apache-2.0
/** What a member must remember of the others. */
@NullMarked
package org.posthouse.cluster.disk;

import org.jspecify.annotations.NullMarked;
