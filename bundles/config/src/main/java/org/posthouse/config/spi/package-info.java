// SPDX-License-Identifier: Apache-2.0
/** What the other engine bundles know of the configuration. */
@Export
@Version("1.0.0")
@NullMarked
package org.posthouse.config.spi;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
