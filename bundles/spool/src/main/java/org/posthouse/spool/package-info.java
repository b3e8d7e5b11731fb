// SPDX-License-Identifier: Apache-2.0
/** Messages on disk, kept by RocksDB and, when they are large, by files of their own. */
@NullMarked
package org.posthouse.spool;

import org.jspecify.annotations.NullMarked;
