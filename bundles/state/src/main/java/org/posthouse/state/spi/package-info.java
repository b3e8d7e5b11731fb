// SPDX-License-Identifier: Apache-2.0
/** What a cluster does for the state that plugins share, and what it finds on each node. */
@Export
@Version("1.0.0")
@NullMarked
package org.posthouse.state.spi;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
