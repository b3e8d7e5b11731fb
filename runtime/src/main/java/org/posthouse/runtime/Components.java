// SPDX-License-Identifier: Apache-2.0
package org.posthouse.runtime;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/**
 * The declarative-services components that failed, as their runtime reports them (OSGi Compendium, 112.10).
 *
 * <p>A bundle starts well even when its component throws, for example because its port is taken: without this question the
 * server would run and serve nothing. The types of the answer live inside the framework, hence the reflection.
 */
final class Components {
    private static final String RUNTIME = "org.osgi.service.component.runtime.ServiceComponentRuntime";

    /** ComponentConfigurationDTO.FAILED_ACTIVATION. */
    private static final int FAILED_ACTIVATION = 16;

    private static final String CAUSE = "Caused by: ";

    private Components() {}

    /** One line for each component of these bundles that could not be activated. */
    static List<String> failed(BundleContext context, List<Bundle> bundles) {
        ServiceReference<?> reference = context.getServiceReference(RUNTIME);
        Object runtime = reference == null ? null : context.getService(reference);
        if (runtime == null) {
            return List.of();
        }
        try {
            return ask(runtime, bundles);
        } catch (ReflectiveOperationException changed) {
            throw new StartException("the component runtime can not be asked: " + changed, changed);
        }
    }

    private static List<String> ask(Object runtime, List<Bundle> bundles) throws ReflectiveOperationException {
        Class<?> api = runtime.getClass().getClassLoader().loadClass(RUNTIME);
        Object descriptions = api.getMethod("getComponentDescriptionDTOs", Bundle[].class)
                .invoke(runtime, (Object) bundles.toArray(Bundle[]::new));
        List<String> failed = new ArrayList<>();
        for (Object description : (Collection<?>) descriptions) {
            Object configurations = api.getMethod("getComponentConfigurationDTOs", description.getClass())
                    .invoke(runtime, description);
            for (Object configuration : (Collection<?>) configurations) {
                if (configuration.getClass().getField("state").getInt(configuration) == FAILED_ACTIVATION) {
                    failed.add(description.getClass().getField("name").get(description) + " does not start: "
                            + reason(String.valueOf(
                                    configuration.getClass().getField("failure").get(configuration))));
                }
            }
        }
        return failed;
    }

    /** The innermost cause of a stack trace says what to do about it; the frames do not. */
    static String reason(String trace) {
        String reason = trace.lines().findFirst().orElse("no reason given");
        for (String line : trace.lines().toList()) {
            if (line.startsWith(CAUSE)) {
                reason = line.substring(CAUSE.length());
            }
        }
        return reason;
    }
}
