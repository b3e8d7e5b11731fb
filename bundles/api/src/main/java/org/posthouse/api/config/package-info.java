// SPDX-License-Identifier: Apache-2.0
/** How a component says what its configuration values mean. */
@Export
@Version("1.0.0")
@NullMarked
package org.posthouse.api.config;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
