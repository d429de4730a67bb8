# What is installed where, and three Debian packages of it: `cpack -G DEB` in the build folder.
include(GNUInstallDirs)

install(TARGETS mtok RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT mtok)
install(TARGETS mtok-gui RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT mtok-gui)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/models ${CMAKE_SOURCE_DIR}/hwprofiles ${CMAKE_SOURCE_DIR}/workloads
        DESTINATION ${CMAKE_INSTALL_DATADIR}/mtok COMPONENT mtok-data)
install(FILES ${CMAKE_SOURCE_DIR}/tests/accuracy/recorded_host.csv
        DESTINATION ${CMAKE_INSTALL_DATADIR}/mtok/tests/accuracy COMPONENT mtok-data)
set(desktop ${CMAKE_CURRENT_SOURCE_DIR}/gui/desktop)
install(FILES ${desktop}/mtok-gui.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications COMPONENT mtok-gui)
install(FILES ${desktop}/mtok-gui.svg DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps
        COMPONENT mtok-gui)
install(FILES ${desktop}/mtok-gui.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/mime/packages COMPONENT mtok-gui)
install(FILES ${desktop}/mtok-gui.metainfo.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/metainfo COMPONENT mtok-gui)

foreach(package mtok mtok-gui mtok-data)
  install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} RENAME copyright
          COMPONENT ${package})
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME mtok)
set(CPACK_PACKAGE_CONTACT "The mtok authors <mtok@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Cost planner for serving language models")
set(CPACK_COMPONENT_MTOK_DESCRIPTION "Cost planner for serving language models: the command line")
set(CPACK_COMPONENT_MTOK-GUI_DESCRIPTION "Cost planner for serving language models: the window")
set(CPACK_COMPONENT_MTOK-DATA_DESCRIPTION "Cost planner for serving language models: devices, prices, models, examples")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL mtok mtok-gui mtok-data)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_MTOK_PACKAGE_NAME mtok)
set(CPACK_DEBIAN_MTOK_PACKAGE_DEPENDS "mtok-data (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_MTOK-GUI_PACKAGE_NAME mtok-gui)
set(CPACK_DEBIAN_MTOK-GUI_PACKAGE_DEPENDS "mtok-data (= ${PROJECT_VERSION}), fonts-dejavu-core")
set(CPACK_DEBIAN_MTOK-DATA_PACKAGE_NAME mtok-data)
set(CPACK_DEBIAN_MTOK-DATA_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_MTOK-DATA_PACKAGE_SHLIBDEPS OFF)
include(CPack)
