// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.Map;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The configuration of Felix's console: which of its pages exist, and which one comes first. */
@Component(service = FelixConsole.class, immediate = true)
public final class FelixConsole {
    private static final String PID = "org.apache.felix.webconsole.internal.servlet.OsgiManager";

    /** What is not named here does not exist: bundles, configMgr, vmstat (which can stop the framework), logs. */
    private static final String[] PAGES = {
        "org.apache.felix.webconsole.internal.core.ServicesServlet",
        "org.apache.felix.webconsole.internal.misc.LicenseServlet"
    };

    @Activate
    public FelixConsole(@Reference ConfigurationAdmin configurations) throws IOException {
        Map<String, Object> values = Map.of(
                "manager.root",
                "/system/console",
                "default.render",
                QueuePage.LABEL,
                "category",
                "OSGi",
                "realm",
                "Posthouse",
                "plugins",
                PAGES,
                // Nobody is asked for this one; it stands in the place of Felix's default admin/admin.
                "password",
                unguessable());
        configurations.getConfiguration(PID, "?").update(FrameworkUtil.asDictionary(values));
    }

    private static String unguessable() {
        return Long.toHexString(new SecureRandom().nextLong()) + Long.toHexString(new SecureRandom().nextLong());
    }
}
