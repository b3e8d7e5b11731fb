// SPDX-License-Identifier: Apache-2.0
/**
 * Reads the configuration files, checks them against metatype and converts the values.
 *
 * <p>Plain Java: the launcher uses it before there is a framework, the bundle uses the same code inside. Settings flow
 * from {@link org.posthouse.config.load.Layers} (files) over {@link org.posthouse.config.load.Drafts} (flat keys) and
 * {@link org.posthouse.config.load.Overrides} (variables, command line) to {@link org.posthouse.config.load.Checker}.
 */
@NullMarked
package org.posthouse.config.load;

import org.jspecify.annotations.NullMarked;
