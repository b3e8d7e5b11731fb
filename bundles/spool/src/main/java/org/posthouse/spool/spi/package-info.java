// SPDX-License-Identifier: Apache-2.0
/** Messages on disk as the engine sees them. */
@Export
@Version("1.0.0")
@NullMarked
package org.posthouse.spool.spi;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
