// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.live;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.osgi.framework.Bundle;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.util.promise.Promise;

/** Components that take every configuration of their PID at once, and fail with the ones that are bad. */
final class FakeRuntime implements ServiceComponentRuntime {
    private final FakeAdmin admin;
    private final List<ComponentDescriptionDTO> components = new ArrayList<>();
    private final Map<String, Predicate<Map<String, Object>>> bad = new HashMap<>();
    private final Map<String, Predicate<Map<String, Object>>> waiting = new HashMap<>();

    FakeRuntime(FakeAdmin admin) {
        this.admin = admin;
    }

    FakeRuntime component(String pid) {
        ComponentDescriptionDTO component = new ComponentDescriptionDTO();
        component.name = "Component of " + pid;
        component.configurationPid = new String[] {pid};
        component.immediate = true;
        component.scope = "singleton";
        component.serviceInterfaces = new String[0];
        components.add(component);
        return this;
    }

    void failsWith(String pid, Predicate<Map<String, Object>> values) {
        bad.put(pid, values);
    }

    void waitsWith(String pid, Predicate<Map<String, Object>> values) {
        waiting.put(pid, values);
    }

    @Override
    public Collection<ComponentDescriptionDTO> getComponentDescriptionDTOs(Bundle... bundles) {
        return components;
    }

    @Override
    public ComponentDescriptionDTO getComponentDescriptionDTO(Bundle bundle, String name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Collection<ComponentConfigurationDTO> getComponentConfigurationDTOs(ComponentDescriptionDTO component) {
        String pid = component.configurationPid[0];
        List<ComponentConfigurationDTO> found = new ArrayList<>();
        admin.stored.forEach((stored, values) -> {
            if (stored.equals(pid) || stored.startsWith(pid + "~")) {
                ComponentConfigurationDTO one = new ComponentConfigurationDTO();
                one.properties = new HashMap<>();
                values.keys().asIterator().forEachRemaining(key -> one.properties.put(key, values.get(key)));
                one.state = state(pid, one.properties);
                one.failure =
                        "java.lang.reflect.InvocationTargetException\n\tat x\nCaused by: java.net.BindException: in use\n\tat y";
                found.add(one);
            }
        });
        return found;
    }

    private int state(String pid, Map<String, Object> values) {
        if (bad.getOrDefault(pid, any -> false).test(values)) {
            return ComponentConfigurationDTO.FAILED_ACTIVATION;
        }
        return waiting.getOrDefault(pid, any -> false).test(values)
                ? ComponentConfigurationDTO.UNSATISFIED_REFERENCE
                : ComponentConfigurationDTO.ACTIVE;
    }

    @Override
    public boolean isComponentEnabled(ComponentDescriptionDTO component) {
        return true;
    }

    @Override
    public Promise<Void> enableComponent(ComponentDescriptionDTO component) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Promise<Void> disableComponent(ComponentDescriptionDTO component) {
        throw new UnsupportedOperationException();
    }
}
