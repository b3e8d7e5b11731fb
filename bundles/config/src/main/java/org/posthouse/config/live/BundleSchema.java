// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.live;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.posthouse.config.load.Jars;
import org.posthouse.config.load.Metatype;
import org.posthouse.config.load.Ocd;
import org.posthouse.config.load.Schema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The metatype of the bundles in the framework. */
final class BundleSchema {
    private static final Logger LOG = LoggerFactory.getLogger(BundleSchema.class);

    private BundleSchema() {}

    /** What all installed bundles of the engine declare. */
    static Schema of(BundleContext context) {
        List<Ocd> found = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            if (relevant(bundle)) {
                found.addAll(metatype(bundle, ours(bundle)));
            }
        }
        return new Schema(found);
    }

    /** Whether the metatype of a bundle belongs to the engine's configuration. */
    static boolean relevant(Bundle bundle) {
        return bundle.getState() != Bundle.UNINSTALLED
                && bundle.getEntryPaths(Metatype.FOLDER) != null
                && !plugin(bundle);
    }

    /** What one bundle declares; the paths are asked for so that nothing is resolved by looking. */
    static List<Ocd> metatype(Bundle bundle, boolean ours) {
        List<Ocd> found = new ArrayList<>();
        Enumeration<String> paths = bundle.getEntryPaths(Metatype.FOLDER);
        for (String path : paths == null ? List.<String>of() : Collections.list(paths)) {
            URL entry = path.endsWith(".xml") ? bundle.getEntry(path) : null;
            if (entry != null) {
                try (InputStream xml = entry.openStream()) {
                    found.addAll(Metatype.parse(xml, ours));
                } catch (IOException e) {
                    LOG.warn("metatype {} of {} can not be read: {}", path, bundle.getSymbolicName(), e.getMessage());
                }
            }
        }
        return found;
    }

    private static boolean ours(Bundle bundle) {
        return String.valueOf(bundle.getSymbolicName()).startsWith("org.posthouse");
    }

    private static boolean plugin(Bundle bundle) {
        return String.valueOf(bundle.getHeaders("").get("Provide-Capability")).contains(Jars.HOOK);
    }
}
