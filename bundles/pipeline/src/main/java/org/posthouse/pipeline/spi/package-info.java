// SPDX-License-Identifier: Apache-2.0
/** The stages as the engine asks them. */
@Export
@Version("1.0.0")
@NullMarked
package org.posthouse.pipeline.spi;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
