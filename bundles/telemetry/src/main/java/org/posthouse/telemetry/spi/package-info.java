// SPDX-License-Identifier: Apache-2.0
/** Where engine bundles say what happened and how it stands, and where members of a cluster ask each other. */
@Export
@Version("1.0.0")
@NullMarked
package org.posthouse.telemetry.spi;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
