// SPDX-License-Identifier: Apache-2.0
/** What the core hands to a plugin, and the values that travel between them. */
@Export
@Version("1.0.0")
@NullMarked
package org.posthouse.api;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
